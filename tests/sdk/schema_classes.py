# SPDX-License-Identifier: MIT
"""Python files with classes and annotations: written by hand, and made at random."""

import ast
import random
import re

HEAD = """\
from __future__ import annotations
import datetime, enum, uuid
import typing as t
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import date, datetime as moment, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import (Annotated, Any, ClassVar, Dict, List, Literal, Optional, Set, Tuple, Union)
from pydantic import (AfterValidator, AnyUrl, BaseModel, Base64Bytes, ConfigDict, Field, HttpUrl,
                      PositiveInt, SecretStr, StringConstraints, UUID4, conint, conlist, constr,
                      field_validator, model_validator)
from fastapi import Response
"""
HEAD += "".join(f"def plain{i}(self, p): pass\n" for i in range(8))


def cords(code):
    """One cord for each function f…, and one for each class M…: as input, as the smaller input,
    and as output."""
    found = [
        {"function": name, "public": f"POST /{name}", "stream": "yield" in code}
        for name in re.findall(r"^(?:async )?def (f\w*)\(", code, re.MULTILINE)
    ]
    for i, name in enumerate(re.findall(r"^class (M\w*)", code, re.MULTILINE)):
        model = {"model": name}
        cord = {"function": f"plain{i}", "input": model, "minimal_input": model, "output": model}
        found.append(cord)
    return found


def optional(code):
    """The same code, whose functions f… can be called with the body alone: a spec's checks want
    that. Schemas do not show defaults of parameters."""
    lines = code.split("\n")
    ends = []
    for node in ast.parse(code).body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or node.name[0] != "f":
            continue
        plain = node.args.args
        wanting = plain[1 : len(plain) - len(node.args.defaults)]
        for arg, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
            wanting += [] if value else [arg]
        ends += [(arg.end_lineno, arg.end_col_offset) for arg in wanting]
    for line, column in sorted(ends, reverse=True):
        text = lines[line - 1].encode()
        lines[line - 1] = (text[:column] + b"=None" + text[column:]).decode()
    return "\n".join(lines)


KNOWN = [
    "def f(self): pass",
    "def f(self, a, b=1): pass",
    "def f(self, a: int, b: str = 'x', *rest: float, c: bool = True, **more: dict) -> str: pass",
    "async def f(self, a: list, b: List, c: dict, d: Dict, e: tuple, g: Tuple, h: set, i: Set): pass",
    "async def f(self, a: List[int], b: list[str], c: Dict[str, int], d: dict[str, list[bool]]): pass",
    "def f(self, a: Optional[int], b: Union[int, str], c: int | None, d: 'Optional[str]'): pass",
    "def f(self, a: List[int] | None, b: Union[int, Optional[str]], c: Union[int], d: Union[int, int]): pass",
    "def f(self, a: Literal['a', 1, None, True], b: Literal['a', 'a'], c: Literal[-1]): pass",
    "def f(self, a: Tuple[int, str], b: Tuple[int, ...], c: tuple[()], d: Set[int]): pass",
    "def f(self, a: Annotated[int, Field(ge=1)], b: Annotated[List[int], 'x'], c: PositiveInt): pass",
    "def f(self, a: Any, b: bytes, c: None, d: object, e: moment, g: uuid.UUID, h: HttpUrl): pass",
    "def f(self, a: Mapping[str, int], b: Sequence[int], c: t.Callable, d: t.Type[int]): pass",
    "def f(self, a: conint(ge=1), b: constr(min_length=1), c: conlist(int, min_length=1)): pass",
    "def f(self) -> Response: pass",
    "def f(self) -> None: pass\ndef f1(self) -> Any: pass\ndef f2(self) -> dict: pass",
    "async def f(self) -> AsyncGenerator[str, None]: yield ''",
    "class MA(BaseModel):\n    a: int\ndef f(self, p: MA) -> MA: pass",
    "class MA(BaseModel):\n    a: int\nclass MB(BaseModel):\n    b: MA\ndef f(self, p: MB) -> MA: pass",
    "class MA(BaseModel):\n    a: int\ndef f(self, p: MA, q: MA) -> List[MA]: pass",
    "class MA(BaseModel):\n    a: int\ndef f(self, p: Optional[MA]) -> Dict[str, MA]: pass",
    "class MA(BaseModel):\n    a: 'MA | None' = None\ndef f(self, p: MA) -> MA: pass",
    "class MA(BaseModel):\n    a: List[MB] = []\nclass MB(BaseModel):\n    a: Optional[MA] = None\ndef f(self, p: MA) -> MB: pass",
    "class E(Enum):\n    A = 'a'\n    B = 'b'\n    C = 'a'\ndef f(self, e: E) -> E: pass",
    "class E(IntEnum):\n    'doc'\n    A = enum.auto()\n    B = enum.auto()\ndef f(self, e: E): pass",
    "class E(str, Enum):\n    A = 'a'\nclass MA(BaseModel):\n    e: E\n    g: E = E.A\n    h: Optional[E] = None\n    i: Dict[E, int] = {}\n    j: Literal[E.A, 'q'] = 'q'",
    "class E(enum.StrEnum):\n    Ab = enum.auto()\n    C = 'd'\nclass MA(BaseModel):\n    e: List[E] = [E.C]",
    "class E(Enum):\n    A = 1\n    B = 'x'\n    C = 1\nclass MA(BaseModel):\n    e: E = Field(E.B, description='d')",
    "class MA(BaseModel):\n    pass",
    "class MA(BaseModel):\n    '''Doc\n      of it.\n\n    More.\n    '''\n    a: int = 1",
    "class MA(BaseModel):\n    a: int = Field(..., ge=1, lt=5)\n    b: float = Field(1, gt=0, le=2.5, multiple_of=0.5)\n    c: str = Field('x', min_length=1, max_length=9, pattern='^x')",
    "class MA(BaseModel):\n    a: int = Field(default=1, title='T', description='D', examples=[1, 2], deprecated=True, json_schema_extra={'k': [1, None]})",
    "class MA(BaseModel):\n    a: int = Field(1, gte=3, example='x')",
    "class MA(BaseModel):\n    a: int = Field(1, description='''\n      several\n        lines\n    ''')\n    b: int = Field(1, description='')",
    "class MA(BaseModel):\n    a: int = Field(alias='fooBar')\n    b: int = Field(validation_alias='zz', alias='yy')\n    c: int = Field(serialization_alias='q')",
    "class MA(BaseModel):\n    a: Optional[int] = Field(None, ge=0)\n    b: Union[int, float] = Field(1, ge=0)\n    c: Optional[Union[int, str]] = Field(None, ge=0)\n    d: Optional[List[int]] = Field(None, min_length=1)",
    "class MA(BaseModel):\n    a: date\n    b: moment\n    c: datetime.time\n    d: timedelta\n    e: uuid.UUID\n    f: Decimal\n    g: Path\n    h: UUID4\n    i: HttpUrl = 'http://a'\n    j: AnyUrl\n    k: SecretStr\n    l: Base64Bytes\n    m: bytes",
    "class MA(BaseModel):\n    a: Decimal = Field(ge=1)\n    b: Optional[Decimal] = Field(None, le=3)",
    "class MA(BaseModel):\n    a: tuple[int, str] = (1, 'a')\n    b: tuple[int, ...] = ()\n    c: set[str] = {'b', 'a'}\n    d: frozenset[int] = Field(default_factory=frozenset)\n    e: tuple",
    "class MA(BaseModel):\n    a: Dict[str, Any] = {}\n    b: Dict[int, str]\n    c: Dict[str, Dict[str, int]]\n    d: Mapping[str, float]\n    e: Dict[constr(min_length=2), int]\n    g: Dict[constr(pattern='^a'), int]\n    h: dict",
    "class MA(BaseModel):\n    a: Annotated[int, Field(ge=1, description='x')] = 3\n    b: Annotated[int, Field(ge=1, description='x')] = Field(4, description='y', le=9)\n    c: List[Annotated[int, Field(ge=1, title='q')]]\n    d: Dict[str, Annotated[int, Field(title='q', description='z')]]",
    "class MA(BaseModel):\n    a: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]\n    b: Annotated[str, AfterValidator(str.upper)] = 'x'\n    c: Annotated[Optional[str], Field(max_length=3)] = None",
    "class MA(BaseModel):\n    a: None\n    b: Optional[None] = None\n    c: Union[int, str, None]\n    d: int | str | None = 1\n    e: Optional[Any] = None\n    g: Union[List[int], List[str]]\n    h: object = None",
    "class MA(BaseModel):\n    a: int\n    b: str = 'x'\nclass MB(MA):\n    '''Doc'''\n    b: int = 2\n    c: bool\nclass MC(MB):\n    a: float = 1.5",
    "class A(BaseModel):\n    x: int\nclass B(BaseModel):\n    y: int\nclass MC(A, B):\n    z: int",
    "class A(BaseModel):\n    x: int\nclass B(A):\n    y: int\nclass C(A):\n    w: int\nclass MC(B, C):\n    z: int",
    "class N(BaseModel):\n    '''doc'''\n    x: int = 1\nclass MA(BaseModel):\n    a: N = N()\n    b: N = Field(description='doc')\n    c: N = Field(description='other', title='N')\n    d: Optional[N] = Field(None, description='doc')\n    e: List[N] = Field([], max_length=3)\n    g: Union[N, int] = 3",
    "class MA(BaseModel):\n    model_config = ConfigDict(extra='forbid', title='Other', json_schema_extra={'examples': [{'a': 1}]}, populate_by_name=True)\n    a: int = 1\nclass MB(MA):\n    b: int = 2",
    "class MA(BaseModel, extra='allow', frozen=True):\n    a: int = 1",
    "class MA(BaseModel):\n    model_config = {'extra': 'ignore', 'ser_json_bytes': 'base64'}\n    a: bytes",
    "class MA(BaseModel):\n    K: ClassVar[int] = 3\n    _private: int = 4\n    _other = 5\n    a: int = 1\n    def method(self): return 1\n    @property\n    def p(self): return 2\n    @field_validator('a')\n    @classmethod\n    def check(cls, v): return v\n    @model_validator(mode='after')\n    def whole(self): return self",
    "LIMIT = 7\nNAMES = ['a', 'b']\nMode = Literal['fast', 'slow']\nPair = Tuple[int, int]\nclass MA(BaseModel):\n    a: int = Field(LIMIT, le=LIMIT)\n    b: List[str] = NAMES\n    c: Mode = 'fast'\n    d: Optional[Pair] = None\ndef f(self, m: Mode, p: Pair): pass",
    "class MA(BaseModel):\n    fooBar2x: int\n    HTTPServer: str\n    a__b: int\n    x_: int\n    o_o_: int = -1\n    big: int = Field(0, le=18446744073709551615)\n    e: float = 1e-7\n    g: float = .5",
    "class MA(BaseModel):\n    a: bool = False\n    b: Literal['x'] = 'x'\n    c: Optional[Literal['x', 'y']] = None\n    d: Literal['x', 1] = 1\n    e: Literal[True]\n    g: List[Literal[1, 2]] = [1]",
    "class Outer(BaseModel):\n    class Inner(BaseModel):\n        a: int\n    x: int\nclass MA(BaseModel):\n    i: Outer.Inner",
    "class MA(BaseModel):\n    a: int = 1\nclass E(Enum):\n    A = 'a'\ndef f(self, x: List[Optional[MA]], y: Dict[str, E], z: Union[MA, E, None]) -> Union[MA, None]: pass",
]

# What cannot be told without running the file; nothing wrong may be said about it.
UNKNOWN = [
    "def g(): return int\ndef f(self, a: g()): pass",
    "import random\nclass MA(BaseModel):\n    a: int = random.randint(1, 1)",
    "from fastapi.security import HTTPBasicCredentials as C\ndef f(self, a: C, b: int): pass" if False else "import http.cookies\ndef f(self, a: http.cookies.Morsel): pass",
    "def make():\n    class X(BaseModel):\n        a: int\n    return X\nMX = make()\ndef f(self, a: MX): pass",
    "class MA(BaseModel):\n    a: int = 1\n    @classmethod\n    def __get_pydantic_json_schema__(cls, core, handler): return {'type': 'integer'}",
    "class MA(BaseModel):\n    model_config = ConfigDict(alias_generator=str.upper)\n    a: int = 1",
    "class MA(BaseModel):\n    a: int = 1\n    for _i in range(2):\n        pass",
    "if True:\n    class MA(BaseModel):\n        a: int\nelse:\n    MA = dict\ndef f(self, p: MA): pass",
    "import functools\ndef twice(g):\n    @functools.wraps(g)\n    def inner(*a): return g(*a)\n    return inner\n@twice\ndef f(self, a: int): pass",
    "T = int if True else str\nclass MA(BaseModel):\n    a: T = 1",
    "class MA(BaseModel):\n    é: int = 1",
]


class Classes:
    """Random files, all of which load."""

    SCALARS = {
        "int": ["1", "-3", "0"],
        "float": ["1.5", "2", "-0.25"],
        "str": ["'x'", "''", "'é\"'"],
        "bool": ["True", "False"],
    }
    PLAIN = ["bytes", "Any", "date", "moment", "uuid.UUID", "Path", "HttpUrl", "Decimal", "object"]
    NAMES = ["a", "prompt", "max_tokens", "fooBar", "x1y", "B_c", "class_", "n", "is_ok", "data"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, probability):
        return self.random.random() < probability

    def type(self, known, depth=0):
        """A type and a value of it, or None where we have none."""
        kind = self.random.randrange(13 if depth < 3 else 4)
        if kind < 4:
            name = self.random.choice(list(self.SCALARS))
            return name, self.random.choice(self.SCALARS[name])
        if kind == 4:
            return self.random.choice(self.PLAIN), None
        if kind == 5 and known:
            return self.random.choice(known), None
        if kind == 6:
            values = self.random.sample(["'a'", "'b'", "1", "2", "True", "None"], self.random.randint(1, 3))
            return f"Literal[{', '.join(values)}]", values[0]
        inner, value = self.type(known, depth + 1)
        if kind == 7:
            return f"Optional[{inner}]", "None"
        if kind == 8:
            word = self.random.choice(["List", "list"])
            return f"{word}[{inner}]", self.random.choice(["[]", f"[{value}]" if value else "[]"])
        if kind == 9:
            word = self.random.choice(["Dict", "dict"])
            return f"{word}[str, {inner}]", self.random.choice(["{}", f"{{'k': {value}}}" if value else "{}"])
        other, other_value = self.type(known, depth + 1)
        if kind == 10:
            return f"Union[{inner}, {other}]", value
        if kind == 11:
            both = f"({value}, {other_value})" if value and other_value else None
            return f"Tuple[{inner}, {other}]", both
        if kind == 12 and depth < 2:
            return f"Annotated[{inner}, Field(description='note {depth}')]", value
        return f"Optional[{inner}]", "None"

    def rules(self, name):
        rules = {
            "int": ["ge=0", "lt=100", "multiple_of=2"],
            "float": ["gt=-1", "le=2.5"],
            "str": ["min_length=1", "max_length=20", "pattern='a|b'"],
        }.get(name.removeprefix("Optional[").removesuffix("]"), [])
        if name.startswith(("List", "list", "Optional[List", "Optional[list")):
            rules = ["min_length=1", "max_length=4"]
        if name.startswith(("Dict", "dict")):
            rules = ["max_length=4"]
        return self.random.sample(rules, self.random.randint(0, len(rules)))

    def field(self, known):
        type_name, value = self.type(known)
        arguments = self.rules(type_name)
        if self.chance(0.3):
            arguments.append(f"description={self.random.choice(['what', 'two words'])!r}")
        if self.chance(0.1):
            arguments.append("title='Own'")
        if self.chance(0.1):
            arguments.append("examples=[1, 'x']")
        if self.chance(0.1):
            arguments.append(f"alias='{self.random.choice(['aliasName', 'other_name'])}{self.random.randint(0, 99)}'")
        default = value if value and self.chance(0.6) else None
        if not arguments:
            return type_name + (f" = {default}" if default else "")
        if self.chance(0.3):
            return f"Annotated[{type_name}, Field({', '.join(arguments)})]" + (f" = {default}" if default else "")
        if default:
            arguments.insert(0, default if self.chance(0.5) else f"default={default}")
            if not arguments[0].startswith("default="):
                return f"{type_name} = Field({', '.join(arguments)})"
        return f"{type_name} = Field({', '.join(arguments)})"

    def model(self, name, known, bases):
        base = self.random.choice(bases) if bases and self.chance(0.3) else "BaseModel"
        lines = [f"class {name}({base}):"]
        if self.chance(0.3):
            lines.append(f'    """What {name} is."""')
        if self.chance(0.2):
            lines.append(f"    model_config = ConfigDict(extra='{self.random.choice(['allow', 'forbid', 'ignore'])}')")
        for field in self.random.sample(self.NAMES, self.random.randint(0, 6)):
            lines.append(f"    {field}: {self.field(known)}")
        return "\n".join([*lines, "    pass", ""])

    def enum(self, name):
        values = self.random.choice([["'a'", "'b'"], ["1", "2", "3"], ["'x'"], ["1", "'a'"]])
        base = "str, Enum" if all(v.startswith("'") for v in values) and self.chance(0.5) else "Enum"
        body = "".join(f"    V{i} = {value}\n" for i, value in enumerate(values))
        return f"class {name}({base}):\n{body}"

    def module(self):
        code = HEAD if self.chance(0.5) else HEAD.removeprefix("from __future__ import annotations\n")
        known = ["E1"]
        models = []
        code += self.enum("E1")
        for i in range(self.random.randint(1, 4)):
            code += self.model(f"M{i}", known, models)
            known.append(f"M{i}")
            models.append(f"M{i}")
        for i in range(3):
            code += self.function(f"f{i}", known)
        return code

    def function(self, name, known):
        parameters = "".join(
            f", {parameter}{': ' + self.type(known)[0] if self.chance(0.8) else ''} = None"
            for parameter in self.random.sample(self.NAMES, self.random.randint(0, 3))
        )
        returns = f" -> {self.type(known)[0]}" if self.chance(0.7) else ""
        return f"def {name}(self{parameters}){returns}: pass\n"

    def functions(self, n):
        code = HEAD + self.enum("E1") + self.model("X1", ["E1"], [])
        return code + "".join(self.function(f"f{i}", ["E1", "X1"]) for i in range(n))
