"""Whether a log entry fits a pattern ("Filter pattern syntax for metric filters, subscription filters, filter log events, and Live
Tail"); ministack only keeps patterns.

A pattern is a JSON expression, a regular expression between two %, or a list of terms and phrases. Patterns for columns, in brackets, are kept and fit
nothing.
"""

import operator
import re

LONGEST = 1024
TERM = re.compile(r'([?-]?)(?:%([^%]*)%|"((?:[^"\\]|\\.)*)"|([^\s"%]+))')
# "Supported regex syntax": letters, digits, a few signs, what stands for characters, and operators; no brackets that are round.
REGEX = re.compile(r"(\\[dDsSwWbB.^$?\[\]{}|*+\\/-]|\\x[0-9A-Fa-f]{2}|[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|*+.])+")
TOKEN = re.compile(r"""\s*(\(|\)|\|\||&&|<=|>=|!=|=|<|>|"(?:[^"\\]|\\.)*"|[^\s()=<>!&|"]+)""")
NUMBERS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
STATES = {"NULL": None, "TRUE": True, "FALSE": False}
MISSING = object()


class Unreadable(Exception):
    """A pattern that is wrong, or that is not known here."""


def field(line, selector):
    """What "$.a.b[0]" stands for."""
    value = line
    for part in re.findall(r"[^.\[\]]+", selector.removeprefix("$")):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return MISSING
    return value


def _equals(value, wanted):
    if value is MISSING or isinstance(value, (dict, list)):
        return False
    if wanted.startswith('"') or isinstance(value, str):
        expected = ".*".join(re.escape(part) for part in wanted.strip('"').split("*"))
        return isinstance(value, str) and re.fullmatch(expected, value, re.DOTALL) is not None
    try:
        return not isinstance(value, bool) and value is not None and float(value) == float(wanted)
    except ValueError:
        return False


def _compare(value, sign, wanted):
    if sign in NUMBERS:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return is_number and NUMBERS[sign](value, float(wanted))
    return _equals(value, wanted) if sign == "=" else value is not MISSING and not _equals(value, wanted)


def _readable(sign, wanted):
    if sign == "NOT":
        return wanted == "EXISTS"
    if sign == "IS":
        return wanted in STATES
    if sign in NUMBERS:
        return re.fullmatch(r"-?\d+(\.\d+)?", wanted) is not None
    # No regular expressions, and no signs.
    return sign in ("=", "!=") and re.match(r"[^%()=<>!&|]", wanted) is not None


class _Expression:
    def __init__(self, text):
        self.tokens, end = [], 0
        while text[end:].strip():
            found = TOKEN.match(text, end)
            if not found:
                raise Unreadable(text)
            self.tokens.append(found[1])
            end = found.end()

    def next(self):
        if not self.tokens:
            raise Unreadable("the pattern ends too early")
        return self.tokens.pop(0)

    def joined(self, sign, part):
        parts = [part()]
        while self.tokens[:1] == [sign]:
            self.next()
            parts.append(part())
        return parts

    def either(self):
        parts = self.joined("||", self.both)
        return lambda line: any(part(line) for part in parts)

    def both(self):
        parts = self.joined("&&", self.one)
        return lambda line: all(part(line) for part in parts)

    def one(self):
        selector = self.next()
        if selector == "(":
            inner = self.either()
            if self.next() != ")":
                raise Unreadable("a bracket is not closed")
            return inner
        sign = self.next()
        wanted = self.next()
        if not selector.startswith("$") or not _readable(sign, wanted):
            raise Unreadable(f"{selector} {sign} {wanted}")
        if sign == "NOT":
            return lambda line: field(line, selector) is MISSING
        if sign == "IS":
            value = STATES[wanted]
            return lambda line: field(line, selector) is value
        return lambda line: _compare(field(line, selector), sign, wanted)


def _terms(text):
    """[(sign, word or compiled regular expression)]; a pattern that AWS would refuse is unreadable."""
    terms, end = [], 0
    while text[end:].strip():
        found = TERM.match(text, end + len(text[end:]) - len(text[end:].lstrip()))
        if not found:
            raise Unreadable(text[end:])
        sign, regex, phrase, word = found.groups()
        if regex is not None and not REGEX.fullmatch(regex):
            raise Unreadable(f"%{regex}% is no regular expression that CloudWatch Logs knows")
        terms.append((sign, re.compile(regex) if regex is not None else phrase if phrase is not None else word))
        end = found.end()
    if len(terms) > 1 and any(isinstance(it, re.Pattern) for _, it in terms):
        raise Unreadable("a regular expression beside other terms: it stands alone, or in a pattern for JSON or columns")
    if len({sign == "?" for sign, _ in terms}) > 1:
        # AWS takes it, and then leaves the optional terms out of account: nobody means that.
        raise Unreadable("optional terms beside others")
    return terms


def has_regex(pattern):
    text = pattern.strip()
    return not text.startswith(("{", "[")) and any(isinstance(it, re.Pattern) for _, it in _terms(text))


def matcher(pattern):
    """Whether a message fits the pattern, as a function of the message and of what it says as JSON."""
    text = pattern.strip()
    if len(text) > LONGEST:
        raise Unreadable(f"longer than {LONGEST} characters")
    if text.startswith("["):
        return lambda message, line: False
    if text.startswith("{"):
        if not text.endswith("}"):
            raise Unreadable("a brace is not closed")
        expression = _Expression(text[1:-1])
        fits = expression.either()
        if expression.tokens:
            raise Unreadable(" ".join(expression.tokens))
        return lambda message, line: isinstance(line, dict) and fits(line)
    terms = _terms(text)

    def is_in(term, message):
        return bool(term.search(message)) if isinstance(term, re.Pattern) else term in message

    def fits_terms(message, _line):
        optional = [term for sign, term in terms if sign == "?"]
        return (any(is_in(term, message) for term in optional) if optional
                else all(is_in(term, message) == (sign == "") for sign, term in terms))

    return fits_terms
