"""What takes its time, begun for a generator that is looked into."""

from gan.control.supervisor import studio
from gan.jobs import Job
from ui.generate.chosen import Chosen
from ui.session.visitor import home


def begin(chosen: Chosen, question: dict, stage: str, attachment: bytes = b"") -> Job:
    """Have the viewer's answer and its attachment as the result of a job."""
    mine = home()  # read here: the job's thread has no session
    return Job(lambda job: studio.work(job, mine, question, chosen.weights, attachment), stage)
