"""Text fields: `${}` in texts, and templates with `{{ }}` and `{% %}` (language reference section 5)."""

from __future__ import annotations

import re
from typing import Any

from abml.diagnostics import Reporter
from abml.patterns import lazy
from abml.source import Span

from . import _expression_tables as t
from . import ast
from .expressions import MAX_DEPTH, TreeBuilder
from .lalr import Tokens
from .lexer import OPERAND_ENDS, find_close, scan
from .literals import read_braces, read_interpolation, skip_unclosed
from .places import Place

_MARK = lazy(r"\$\$\{|\$\{|\{\{-?|\{%-?")
_STRING = r"""'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+"|['"]"""
_OUTPUT_SIGN = lazy(r"[{}]|" + _STRING, re.DOTALL)
_TAG_SIGN = lazy(r"%\}|" + _STRING, re.DOTALL)
_WORD = lazy(r"[ \t\r\n]*+([A-Za-z_][A-Za-z0-9_]*+|[^ \t\r\n]?)")
_NAME = lazy(r"[ \t\r\n]*+([A-Za-z_][A-Za-z0-9_]*+)[ \t\r\n]*+")
_END_RAW = lazy(r"\{%(-?)[ \t\r\n]*+endraw[ \t\r\n]*+(-?)%\}")
_END_COMMENT = lazy(r"\{%(-?)[ \t\r\n]*+endcomment[ \t\r\n]*+(-?)%\}")
_LEADING_BLANKS = lazy(r"[ \t]*+(?:\r?\n[ \t]*+)?")
_BLANKS = " \t\r\n"

_ENDS = {"endif": "if", "endunless": "unless", "endcase": "case", "endfor": "for", "endcapture": "capture"}
_TAGS = (
    *("if", "elsif", "elseif", "else", "unless", "case", "when", "for", "break", "continue"),
    *("assign", "capture", "comment", "endcomment", "raw", "endraw"),
    *_ENDS,
)


def parse_text(
    text: str, place: Place, reporter: Reporter, *, templates: bool = True, max_depth: int = MAX_DEPTH
) -> ast.Expr:
    """Read the text of a text field.

    Args:
        text: the decoded text.
        place: maps offsets to spans.
        reporter: gets what is wrong with each `${}`, output and tag.
        templates: whether `{{ }}` and `{% %}` are active.
        max_depth: most levels of nesting of an expression and of blocks.

    Returns:
        A `Literal` text, or an `Interpolation` with parts or with a template;
        after an error that was reported, a `Literal` of None.
    """
    if templates and ("{{" in text or "{%" in text):
        reader = TemplateReader(text, place, reporter, max_depth)
        template = reader.read_all()
        if reader.has_failed:
            return ast.Literal(template.span, None)
        # The braces of `${{a: 1}}` open a map and no output.
        if "{%" in text or not all(isinstance(n, ast.TemplateText) or _is_interpolation(n) for n in template.nodes):
            return ast.Interpolation(template.span, [], template)
    if "${" not in text:
        return ast.Literal(place.place(0, len(text)), text)
    return read_interpolation(TreeBuilder(text, place, reporter, max_depth), 0, len(text))


def _is_interpolation(node: ast.TemplateNode) -> bool:
    return isinstance(node, ast.TemplateOutput) and node.interpolation


def parse_template(text: str, place: Place, reporter: Reporter, max_depth: int = MAX_DEPTH) -> ast.Template:
    """Read a whole template; after errors that were reported, what could be read."""
    return TemplateReader(text, place, reporter, max_depth).read_all()


class _Block:
    """An open block.

    Attributes:
        kind: the tag that opened it.
        start: offset of the tag; `span`: its range.
        head: what the tag says (condition, value, loop head, name).
        branches: finished and current branches: (condition or values, body).
        body: where nodes go now.
        otherwise: the body of `else`, None before it.
    """

    __slots__ = ("body", "branches", "head", "kind", "otherwise", "span", "start")

    def __init__(self, kind: str, start: int, span: Span, head: Any) -> None:
        self.kind = kind
        self.start = start
        self.span = span
        self.head = head
        self.body: list[ast.TemplateNode] = []
        self.branches: list[tuple[Any, list[ast.TemplateNode]]] = []
        self.otherwise: list[ast.TemplateNode] | None = None


class TemplateReader:
    """Reads one template. Blocks are kept on a stack, so nesting costs no recursion."""

    def __init__(self, text: str, place: Place, reporter: Reporter, max_depth: int = MAX_DEPTH) -> None:
        self.text = text
        self.trees = TreeBuilder(text, place, reporter, max_depth)
        self.max_depth = max_depth
        self.has_failed = False
        # Blocks are nested too deeply: nothing more is read.
        self.is_stopped = False
        self.root: list[ast.TemplateNode] = []
        self.blocks: list[_Block] = []
        # Text waiting to become a node, with the range it was read from.
        self.pending: list[str] = []
        self.pending_start = self.pending_end = 0

    def read_all(self) -> ast.Template:
        """Read the text to its end."""
        text, end = self.text, len(self.text)
        at = 0
        trim = False
        while True:
            match = _MARK.search(text, at)
            if match is None:
                self._add_text(at, end, trim, False)
                break
            mark, start = match.group(), match.start()
            self._add_text(at, start, trim, mark[-1] == "-")
            trim = False
            if mark == "$${":
                self._add_pending("${", start, match.end())
                at = match.end()
            elif mark == "${":
                at = self._read_braces(start)
            elif mark[1] == "{":
                at, trim = self._read_output(start, match.end())
            else:
                at, trim = self._read_tag(start, match.end())
                if self.is_stopped:
                    break
        self._flush()
        for block in self.blocks if not self.is_stopped else ():
            self._fail(143, block.span, problem=f"'{block.kind}' has no '{_end_of(block.kind)}'")
        while self.blocks:
            self._close_block(end)
        return ast.Template(self.trees.span(0, end), self.root)

    # Pieces of text.

    def _fail(self, code: int, span: Span, **fields: Any) -> None:
        self.has_failed = True
        self.trees.reporter.report(code, span, **fields)

    def _add_text(self, start: int, end: int, trim_left: bool, trim_right: bool) -> None:
        """Take over text; a `-` of a delimiter takes the blanks beside it and one line break."""
        text = self.text
        if trim_left:
            match = _LEADING_BLANKS.match(text, start, end)
            start = match.end() if match else start
        if trim_right:
            while end > start and text[end - 1] in " \t":
                end -= 1
            if end > start and text[end - 1] == "\n":
                end -= 1
                if end > start and text[end - 1] == "\r":
                    end -= 1
                while end > start and text[end - 1] in " \t":
                    end -= 1
        if end > start:
            self._add_pending(text[start:end], start, end)

    def _add_pending(self, piece: str, start: int, end: int) -> None:
        if not self.pending:
            self.pending_start = start
        self.pending_end = end
        self.pending.append(piece)

    def _flush(self) -> None:
        if self.pending:
            piece = "".join(self.pending)
            self.pending.clear()
            self._add(ast.TemplateText(self.trees.span(self.pending_start, self.pending_end), piece))

    def _add(self, node: ast.TemplateNode) -> None:
        (self.blocks[-1].body if self.blocks else self.root).append(node)

    # `${ }` and `{{ }}`.

    def _read_braces(self, start: int) -> int:
        self._flush()
        closing, quote = find_close(self.text, start + 2, len(self.text))
        self.trees.syntax_code = 130
        if closing < 0:
            self.has_failed = True
            return skip_unclosed(self.trees, start, quote, len(self.text))
        value = read_braces(self.trees, start, closing)
        if value is None:
            self.has_failed = True
        else:
            self._add(ast.TemplateOutput(self.trees.span(start, closing + 1), value, [], True))
        return closing + 1

    def _read_output(self, start: int, inner: int) -> tuple[int, bool]:
        self._flush()
        closing = self._find_output_end(inner)
        if closing < 0:
            return self._unclosed(start, "}}")
        stop, trim = self._inner_end(inner, closing)
        span = self.trees.span(start, closing + 2)
        value, filters = self._piped(self._read_part("output", inner, stop, "a value", start, closing + 2))
        if value is not None:
            self._add(ast.TemplateOutput(span, value, filters))
        return closing + 2, trim

    def _find_output_end(self, start: int) -> int:
        """Offset of the `}}` of an output, or -1; maps and quoted texts may hold braces."""
        text = self.text
        depth = 0
        before = -1
        for match in _OUTPUT_SIGN.finditer(text, start):
            sign = match.group()
            if sign == "{":
                at = match.start()
                # Two braces side by side begin no expression but `${{…`: here another
                # output begins before this one ends.
                if at == before + 1 and at > start and text[at - 2] != "$":
                    break
                before = at
                depth += 1
            elif sign == "}":
                if depth:
                    depth -= 1
                elif text.startswith("}}", match.start()):
                    return match.start()
            elif len(sign) == 1:
                # A quote without partner: the error is reported with the content.
                return text.find("}}", start)
        # Braces left open inside are an error of the content, not of the output.
        return text.find("}}", start) if depth else -1

    def _inner_end(self, inner: int, closing: int) -> tuple[int, bool]:
        """(end of the content, whether a `-` stands before the closing delimiter)."""
        if closing > inner and self.text[closing - 1] == "-":
            return closing - 1, True
        return closing, False

    def _unclosed(self, start: int, closer: str) -> tuple[int, bool]:
        span = self.trees.span(start, start + 2)
        opener = self.text[start : start + 2]
        self._fail(140, span, text=f"'{opener}' without its '{closer}'", hint=f"close it with '{closer}'")
        # What follows may be anything, so it is not read.
        return len(self.text), False

    def _read_part(self, symbol: str, start: int, end: int, expected: str, outer: int, outer_end: int) -> Any:
        """A part of a tag by its start symbol, or None after reporting what is wrong."""
        self.trees.syntax_code = 140
        if not self.text[start:end].strip(_BLANKS):
            column = self.trees.span(outer, outer_end).column
            self._fail(140, self.trees.span(outer, outer_end), found="nothing", expected=expected, column=column)
            return None
        tokens = scan(self.text, start, end, self.max_depth)
        if symbol != "expression":
            _retag(self.text, tokens, symbol)
        result = self.trees.read_tokens(symbol, tokens)
        if result is None:
            self.has_failed = True
        return result

    def _piped(self, result: Any) -> tuple[ast.Expr | None, list[ast.TemplateFilter]]:
        return result if type(result) is tuple else (result, [])

    # Tags.

    def _read_tag(self, start: int, inner: int) -> tuple[int, bool]:
        closing = self._find_tag_end(inner)
        if closing < 0:
            return self._unclosed(start, "%}")
        stop, trim = self._inner_end(inner, closing)
        match = _WORD.match(self.text, inner, stop)
        word = match.group(1) if match else ""
        rest = match.end() if match else stop
        end = closing + 2
        if word == "raw":
            self._expect_nothing(word, rest, stop)
            return self._read_raw(start, end, trim)
        if word == "comment":
            self._expect_nothing(word, rest, stop)
            return self._skip_comment(start, end)
        self._flush()
        self._tag(word, start, rest, stop, end)
        return end, trim

    def _find_tag_end(self, start: int) -> int:
        """Offset of the `%}` of a tag, or -1."""
        for match in _TAG_SIGN.finditer(self.text, start):
            sign = match.group()
            if sign == "%}":
                return match.start()
            if len(sign) == 1:
                return self.text.find("%}", start)
        return -1

    def _read_raw(self, start: int, inner: int, trim: bool) -> tuple[int, bool]:
        match = _END_RAW.search(self.text, inner)
        if match is None:
            self._fail(143, self.trees.span(start, inner), problem="'raw' has no 'endraw'")
            return len(self.text), False
        self._add_text(inner, match.start(), trim, match.group(1) == "-")
        return match.end(), match.group(2) == "-"

    def _skip_comment(self, start: int, inner: int) -> tuple[int, bool]:
        match = _END_COMMENT.search(self.text, inner)
        if match is None:
            self._fail(143, self.trees.span(start, inner), problem="'comment' has no 'endcomment'")
            return len(self.text), False
        return match.end(), match.group(2) == "-"

    def _expect_nothing(self, word: str, start: int, end: int) -> None:
        rest = self.text[start:end].strip(_BLANKS)
        if not rest:
            return
        at = self.text.index(rest, start)
        hint = None
        if word == "else" and rest.startswith("if"):
            hint = "write 'elsif'"
        span = self.trees.span(at, at + len(rest))
        self._fail(140, span, found=f"'{rest[:30]}' at column {span.column}", expected="'%}'", hint=hint)

    def _tag(self, word: str, start: int, rest: int, stop: int, end: int) -> None:
        """Handle a tag: `rest` to `stop` is what follows its word, `end` is behind it."""
        span = self.trees.span(start, end)
        if word in _ENDS:
            self._expect_nothing(word, rest, stop)
            self._end(word, span, end)
        elif word in ("if", "unless"):
            condition = self._condition(rest, stop, start, end)
            if word == "unless":
                condition = ast.Unary(condition.span, "!", condition)
            block = self._open(word, start, span, condition)
            block.branches.append((condition, block.body))
        elif word in ("elsif", "elseif"):
            condition = self._condition(rest, stop, start, end)
            found = self._branch(word, span, ("if", "unless"))
            if found is not None:
                found.body = []
                found.branches.append((condition, found.body))
        elif word == "else":
            self._expect_nothing(word, rest, stop)
            found = self._branch(word, span, ("if", "unless", "case", "for"))
            if found is not None:
                if found.kind == "for":
                    found.branches.append((None, found.body))
                found.body = found.otherwise = []
        elif word == "case":
            self._open(word, start, span, self._condition(rest, stop, start, end))
        elif word == "when":
            values = self._read_part("when", rest, stop, "a value", start, end)
            found = self._branch(word, span, ("case",))
            if found is not None:
                found.body = []
                found.branches.append((values or [], found.body))
        elif word == "for":
            head = self._read_part("for", rest, stop, "a variable name", start, end)
            self._open(word, start, span, head)
        elif word == "assign":
            self._assign(rest, stop, start, span, end)
        elif word == "capture":
            self._open(word, start, span, self._capture_name(rest, stop, start, end))
        elif word in ("break", "continue"):
            self._expect_nothing(word, rest, stop)
            if not any(block.kind == "for" for block in self.blocks):
                self._fail(140, span, text=f"'{word}' outside a 'for' block")
            self._add(ast.TemplateLoopControl(span, word))
        elif word in ("endraw", "endcomment"):
            self._fail(143, span, problem=f"'{word}' without '{word[3:]}'")
        else:
            self._unknown(word, span)

    def _unknown(self, word: str, span: Span) -> None:
        from abml.suggest import nearest

        if not word:
            self._fail(140, span, found="nothing", expected="a tag such as 'if'")
            return
        close = nearest(word.lower(), _TAGS)
        hint = f"did you mean '{close}'?" if close else None
        self._fail(140, span, text=f"unknown template tag '{word}'", hint=hint)

    def _condition(self, rest: int, stop: int, start: int, end: int) -> ast.Expr:
        found: ast.Expr | None = self._read_part("expression", rest, stop, "an expression", start, end)
        # A stand-in keeps the block, so that its end is not reported as well.
        return found if found is not None else ast.Literal(self.trees.span(start, end), None)

    def _assign(self, rest: int, stop: int, start: int, span: Span, end: int) -> None:
        found = self._read_part("assign", rest, stop, "a name", start, end)
        if found is not None:
            value, filters = self._piped(found[1])
            if value is not None:
                self._add(ast.TemplateAssign(span, found[0], value, filters))

    def _capture_name(self, rest: int, stop: int, start: int, end: int) -> str:
        match = _NAME.match(self.text, rest, stop)
        if match is None:
            self._fail(140, self.trees.span(start, end), found="no name", expected="a name after 'capture'")
            return ""
        self._expect_nothing("capture", match.end(), stop)
        return match.group(1)

    # Blocks.

    def _open(self, kind: str, start: int, span: Span, head: Any) -> _Block:
        block = _Block(kind, start, span, head)
        if len(self.blocks) == self.max_depth:
            self._fail(139, span, limit=self.max_depth, text=f"blocks are nested more than {self.max_depth} deep")
            self.is_stopped = True
        self.blocks.append(block)
        return block

    def _branch(self, word: str, span: Span, kinds: tuple[str, ...]) -> _Block | None:
        """The innermost block, if a branch of this word may begin there now."""
        block = self.blocks[-1] if self.blocks else None
        if block is None or block.kind not in kinds:
            where = " or ".join(f"'{kind}'" for kind in kinds)
            self._fail(143, span, problem=f"'{word}' stands outside {where}")
            return None
        if block.otherwise is not None:
            self._fail(143, span, problem=f"'{word}' after 'else'")
            return None
        return block

    def _end(self, word: str, span: Span, end: int) -> None:
        kind = _ENDS[word]
        if not any(block.kind == kind for block in self.blocks):
            self._fail(143, span, problem=f"'{word}' without '{kind}'")
            return
        while self.blocks[-1].kind != kind:
            open_block = self.blocks[-1]
            self._fail(143, open_block.span, problem=f"'{open_block.kind}' has no '{_end_of(open_block.kind)}'")
            self._close_block(end)
        self._close_block(end)

    def _close_block(self, end: int) -> None:
        """Make the node of the innermost block, which ends before `end`."""
        block = self.blocks.pop()
        span = self.trees.span(block.start, end)
        otherwise = block.otherwise if block.otherwise is not None else []
        if block.kind in ("if", "unless"):
            self._add(ast.TemplateIf(span, block.branches, otherwise))
        elif block.kind == "case":
            self._add(ast.TemplateCase(span, block.head, block.branches, otherwise))
        elif block.kind == "capture":
            self._add(ast.TemplateCapture(span, block.head, block.body))
        elif block.head is not None:
            name, collection, options = block.head
            body = block.branches[0][1] if block.branches else block.body
            self._add(
                ast.TemplateFor(
                    span,
                    name,
                    collection,
                    options.get("limit"),
                    options.get("offset"),
                    "reversed" in options,
                    body,
                    otherwise,
                )
            )


def _end_of(kind: str) -> str:
    return "end" + kind


def _retag(text: str, tokens: Tokens, symbol: str) -> None:
    """Give the tokens outside all brackets the kinds that only template tags have."""
    kinds = tokens.kinds
    depth = 0
    previous = t.END
    for at, kind in enumerate(kinds):
        if kind < 0:
            break
        if t.LPAR <= kind <= t.DOLLAR:
            depth += 1
        elif t.RPAR <= kind <= t.RBRACE:
            depth -= 1
        elif depth == 0:
            if kind == t.PIPE and symbol in ("output", "assign"):
                kinds[at] = t.FILTER_PIPE
            elif kind == t.OR and symbol == "when" and text[tokens.starts[at]] in "oO":
                kinds[at] = t.COMMA
            elif kind == t.NAME and symbol == "for" and previous in OPERAND_ENDS:
                if tokens.values[at] in ("limit", "offset") and kinds[at + 1] == t.COLON:
                    kinds[at] = t.LIMIT if tokens.values[at] == "limit" else t.OFFSET
                elif tokens.values[at] == "reversed":
                    kinds[at] = t.REVERSED
        previous = kind
