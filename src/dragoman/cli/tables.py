"""The look of our tables."""

from rich import box
from rich.table import Table


def plain_table(*headings: str, title: str | None = None, unbroken: int = 2) -> Table:
    """An empty table; the first ``unbroken`` columns are never wrapped."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=number < unbroken)
    return table
