"""What takes its time, begun for a generator that is looked into."""

from gan.control.supervisor import supervisor
from gan.jobs import Job
from ui.generate.choice import GeneratorChoice
from ui.session.visitor import home


def begin(choice: GeneratorChoice, question: dict, stage: str, attachment: bytes = b"") -> Job:
    """Have the viewer's answer and its attachment as the result of a job."""
    mine = home()  # read here: the job's thread has no session
    return Job(lambda job: supervisor.work(job, mine, question, choice.weights, attachment), stage)
