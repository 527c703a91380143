# SPDX-License-Identifier: BSD-3-Clause
"""Prints, as JSON, what Wireshark's main window shows; window.py runs this as the user that Wireshark runs as.

It asks over the accessibility bus (AT-SPI). A new process for each look keeps nothing from the look before.
"""

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

PACKETS = 200  # packets read at most before and after the first one in view


def box(item):
    area = Atspi.Component.get_extents(item, Atspi.CoordType.SCREEN)
    return {"x": area.x, "y": area.y, "width": area.width, "height": area.height}


def children(item):
    for index in range(item.get_child_count()):
        child = item.get_child_at_index(index)
        if child:
            yield child


def descendants(item, depth=10):
    """All below item, except the cells of lists and trees and the menus."""
    for child in children(item):
        yield child
        if depth and child.get_role() not in (Atspi.Role.TREE, Atspi.Role.LIST, Atspi.Role.MENU_BAR):
            yield from descendants(child, depth - 1)


def cell(item):
    states = item.get_state_set()
    return {
        "text": item.get_name(),
        "expanded": states.contains(Atspi.StateType.EXPANDED),
        **box(item),
    }


def read_details(tree):
    cells = [item for item in children(tree) if item.get_role() == Atspi.Role.TABLE_CELL]
    return {**box(tree), "rows": [cell(item) for item in cells]}


def read_packets(tree):
    """The number of packets listed, the header, and the rows (first column: the frame number) around those in view."""
    total = tree.get_child_count()
    columns = 0
    while columns < total and tree.get_child_at_index(columns).get_role() != Atspi.Role.TABLE_CELL:
        columns += 1  # the header's cells come first
    count = total // columns - 1 if columns else 0
    answer = {**box(tree), "count": count, "rows": []}
    answer["header"] = [cell(tree.get_child_at_index(column)) for column in range(columns)]
    if count:
        first = box(tree.get_child_at_index(columns))
        in_view = max(0, answer["y"] - first["y"]) // max(1, first["height"])
        for row in range(max(0, in_view - PACKETS), min(count, in_view + PACKETS)):
            answer["rows"].append(cell(tree.get_child_at_index(columns * (row + 1))))
    return answer


def read_window():
    answer = {"details": None, "packets": None, "filter": None}
    for application in children(Atspi.get_desktop(0)):
        if application.get_name() != "Wireshark":
            continue
        for item in descendants(application):
            role, name = item.get_role(), item.get_name()
            if not item.get_state_set().contains(Atspi.StateType.SHOWING):
                continue
            if role == Atspi.Role.TREE and name == "Packet details":
                answer["details"] = read_details(item)
            elif role == Atspi.Role.TREE and name == "Packet list":
                answer["packets"] = read_packets(item)
            elif role == Atspi.Role.TEXT and name == "Display filter entry":
                answer["filter"] = {
                    **box(item),
                    "text": Atspi.Text.get_text(item, 0, Atspi.Text.get_character_count(item)),
                }
    return answer


if __name__ == "__main__":
    try:
        json.dump(read_window(), sys.stdout)
    except (GLib.Error, AttributeError) as error:  # the window changed while it was read
        sys.exit(f"cannot read the window: {error}")
