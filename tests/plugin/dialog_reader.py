# SPDX-License-Identifier: BSD-3-Clause
"""Looks at Wireshark's dialogs and menus, over the accessibility bus; window_features.py runs this as the user that
Wireshark runs as.

    dialog_reader.py read TITLE   prints, as JSON, the rows of the tree in the dialog whose title has this in it, each a
                                  list of its cells' texts; null without such a dialog
    dialog_reader.py press NAME   presses the menu item, button or tab of that name
    dialog_reader.py where NAME   prints, as JSON, the place of the cell that is shown and whose name starts so
    dialog_reader.py titles       prints, as JSON, the titles of all windows and dialogs, and the texts in them
"""

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402
from window_reader import box, children  # noqa: E402



def windows():
    """Dialogs first."""
    found = [
        window
        for application in children(Atspi.get_desktop(0))
        if application.get_name() == "Wireshark"
        for window in children(application)
    ]
    return sorted(found, key=lambda window: window.get_role() != Atspi.Role.DIALOG)


def below(item, depth=12):
    for child in children(item):
        yield child
        if depth and child.get_role() not in (Atspi.Role.TREE, Atspi.Role.LIST):
            yield from below(child, depth - 1)


def read_tree(tree):
    cells = [(item.get_role(), item.get_name()) for item in children(tree)]
    columns = sum(role != Atspi.Role.TABLE_CELL for role, _ in cells)  # the header
    texts = [name for role, name in cells if role == Atspi.Role.TABLE_CELL]
    return [texts[at : at + columns] for at in range(0, len(texts), columns)] if columns else []


def read(title):
    for window in windows():
        if title in window.get_name() and window.get_role() == Atspi.Role.DIALOG:
            for item in below(window):
                if item.get_role() == Atspi.Role.TREE:
                    return read_tree(item)
    return None


def can_be_pressed(item):
    """A menu item in a closed menu can, a button that is not shown cannot."""
    if item.get_role() == Atspi.Role.PUSH_BUTTON:
        return item.get_state_set().contains(Atspi.StateType.SHOWING)
    return item.get_role() in (Atspi.Role.MENU_ITEM, Atspi.Role.PAGE_TAB) and item.get_n_actions() > 0


def press(name):
    for window in windows():
        for item in below(window):
            if item.get_name() == name and can_be_pressed(item):
                return item.do_action(0)
    sys.exit(f"nothing is called {name}")


def where(name):
    for window in windows():
        if window.get_role() == Atspi.Role.DIALOG:
            for item in below(window):
                inside = children(item) if item.get_role() == Atspi.Role.TREE else ()
                for one in (item, *inside):
                    if one.get_name().startswith(name) and one.get_state_set().contains(Atspi.StateType.SHOWING):
                        return box(one)
    return None


def titles():
    labels = (Atspi.Role.LABEL, Atspi.Role.PUSH_BUTTON)
    return {
        window.get_name(): [item.get_name() for item in below(window, 6) if item.get_role() in labels]
        for window in windows()
    }


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    try:
        json.dump({"read": read, "press": press, "where": where, "titles": titles}[command](*words), sys.stdout)
    except (GLib.Error, AttributeError) as error:  # the window changed while it was read
        sys.exit(f"cannot read the window: {error}")
