"""What the screens are measured against: a hello-world of Textual, and its table. `hello`, or `table ROWS`."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Static

COLUMNS = ("age", "lead", "source", "phone", "why here")


class Hello(App[None]):
    """The least that an app can show."""

    def compose(self) -> ComposeResult:
        yield Static("hello, world")


class Table(App[None]):
    """Rows as many as said, with the columns of the Leadometer."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table: DataTable[str] = self.query_one(DataTable)
        table.add_columns(*COLUMNS)
        for number in range(self.rows):
            table.add_row("1d 3h", f"Lead number {number}", "web form · November", f"052-{number:07}", "wants a demo")
        table.focus()


if __name__ == "__main__":
    (Hello() if sys.argv[1] == "hello" else Table(int(sys.argv[2]))).run()
