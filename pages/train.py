"""Train: start a run, watch it, control it, look back on it."""

from ui.session import frame
from ui.session.dialogs import show_next_dialog
from ui.session.run import current_page_run
from ui.train.idle_page import idle_page
from ui.train.run_page import run_page

frame.enter()
page_run = current_page_run()
if page_run is None:
    idle_page()
else:
    run_page(page_run)
show_next_dialog()
