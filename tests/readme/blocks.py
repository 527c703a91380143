# SPDX-License-Identifier: BSD-3-Clause
"""The README's blocks of commands, and what it says of each.

A fenced block of the language console holds commands, each after "$ ", and what they print. It is run here, unless a
comment in front of it names what runs it instead:

    <!-- run by packaging/check-cluster -->

A line "..." stands for any lines.
"""

import dataclasses
import re

FENCE = re.compile(r"^```(\w*)$")
RUN_BY = re.compile(r"^<!-- run by ([\w/.-]+) -->$")


@dataclasses.dataclass
class Block:
    line: int  # where its commands begin, from 1
    run_by: str | None
    commands: list  # of (command, lines it prints)


def commands_of(lines):
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\") and not found[-1][1]:
            found[-1] = (found[-1][0] + "\n" + line, [])
        elif not found:
            raise ValueError(f"output before any command: {line}")
        else:
            found[-1][1].append(line)
    return found


def blocks_of(text):
    """Returns the console blocks, and the numbers of lines that are commands outside of one."""
    blocks, stray, run_by, language, start = [], [], None, None, 0
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if language is None and fence:
            language, start = fence[1], number
        elif language is not None and line == "```":
            if language == "console":
                blocks.append(Block(start + 1, run_by, commands_of(lines[start : number - 1])))
            elif language in ("", "sh", "bash", "shell"):
                stray.append(start)
            language, run_by = None, None
        elif language is None:
            if line.startswith("    "):
                stray.append(number)
            comment = RUN_BY.match(line)
            if comment:
                run_by = comment[1]
            elif line.strip():
                run_by = None
    return blocks, stray


def blocks_in(text, language):
    """The texts of all blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def fits(expected, printed):
    """Whether what was printed is what the README shows; "..." stands for any lines."""
    pattern = "\n".join(".*" if line.strip() == "..." else re.escape(line.rstrip()) for line in expected)
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed), re.DOTALL) is not None
