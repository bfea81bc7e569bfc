"""What is wrong, by rule, with the evidence; and the list of rules."""

from collections import Counter
from dataclasses import dataclass, field

RULES = {}  # id -> function, in the order of declaration; filled by @rule
MUST, SHOULD, ASIDE = "must", "should", "aside"


@dataclass(frozen=True)
class Finding:
    """One breach of one rule. `line` is a line of the playlist at `url`, 0 where there is none."""

    rule: str
    level: str
    url: str
    line: int
    text: str

    def __str__(self):
        place = f"{self.url}:{self.line}" if self.line else self.url
        return f"{self.rule} {self.level}: {self.text} [{place}]"


@dataclass(repr=False)
class Report:
    """What a check has found: `violations` of what must be, `notes` on what should be, `seen`: how much was looked at."""

    url: str
    violations: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    seen: Counter = field(default_factory=Counter)
    checked: Counter = field(default_factory=Counter)  # rule -> how often it had something to look at
    times: dict = field(default_factory=dict)          # seconds: what was measured, not judged
    most: int = 12                                      # findings kept of each rule and level
    _count: Counter = field(default_factory=Counter)

    def say(self, rule, level, url, line, text):
        self._count[rule, level] += 1
        if self._count[rule, level] > self.most:
            return
        finding = Finding(rule, level, url, line, text)
        kept = self.violations if level == MUST else self.notes
        if finding not in kept:
            kept.append(finding)

    def rules(self, level=None):
        """The ids of all rules that were broken, at one level or (None) at any that is judged."""
        return {finding.rule for finding in self.violations + self.notes
                if finding.level == level or level is None and finding.level != ASIDE}

    def count(self, rule, level=MUST):
        """How many breaches there were, those not kept included."""
        return self._count[rule, level]

    def __str__(self):
        lines = [f"{self.url}: " + ", ".join(f"{count} {what}" for what, count in sorted(self.seen.items()))]
        lines += [str(finding) for finding in self.violations + self.notes]
        lines += [f"{rule}: {count - self.most} more like these ({level})"
                  for (rule, level), count in sorted(self._count.items()) if count > self.most]
        lines.append(f"{len(self.violations)} violations, {len(self.notes)} notes, {len(self.checked)} rules checked")
        return "\n".join(lines)

    __repr__ = __str__


class Speaker:
    """Says what is wrong for one rule."""

    def __init__(self, report, rule):
        self.report, self.rule = report, rule

    def looked(self, times=1):
        """The rule had something to look at."""
        self.report.checked[self.rule] += times

    def must(self, url, line, text):
        self.report.say(self.rule, MUST, url, line, text)

    def should(self, url, line, text):
        self.report.say(self.rule, SHOULD, url, line, text)

    def aside(self, url, line, text):
        self.report.say(self.rule, ASIDE, url, line, text)


def rule(name):
    """Declares the function of a rule: it takes what was watched and a Speaker. Its docstring is the rule."""
    def declare(function):
        RULES[name] = function
        return function
    return declare
