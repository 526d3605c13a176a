"""Bytes and numbers at an address, and marks of the bytes that end a value: one or a few machine instructions each.

An address is a plain number, so that functions can be called within a loop without counting references to arrays.
Whoever calls keeps the memory alive, and 64 readable bytes behind the last one that is asked for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from catalog.kernels import kernel


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles a function into whatever calls it: it is needed for each value or record, and a call costs as much."""
    return kernel(function, is_part=True)


_BYTE, _WORD = ir.IntType(8), ir.IntType(64)
#: How many bytes are marked at once.
MARKED = 64
_ROW = ir.VectorType(_BYTE, MARKED)


def _loader(bits: int, result: Any) -> Any:
    def load(_context: Any, address: Any) -> Any:
        def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            value = builder.load(builder.inttoptr(arguments[0], ir.IntType(bits).as_pointer()), align=1)
            if bits == _WORD.width:
                return value
            return (builder.zext if bits == _BYTE.width else builder.sext)(value, _WORD)

        return result(types.intp), generate

    return intrinsic(load)


def _storer(bits: int) -> Any:
    def store(_context: Any, address: Any, value: Any) -> Any:
        def generate(target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            kind = ir.IntType(bits)
            number = arguments[1] if bits == _WORD.width else builder.trunc(arguments[1], kind)
            builder.store(number, builder.inttoptr(arguments[0], kind.as_pointer()), align=1)
            return target.get_dummy_value()

        return types.void(types.intp, types.int64), generate

    return intrinsic(store)


def _counter(instruction: str) -> Any:
    def count(_context: Any, mask: Any) -> Any:
        def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            if instruction == "ctpop":
                return builder.ctpop(arguments[0])
            return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

        return types.int64(types.uint64), generate

    return intrinsic(count)


#: The byte, the signed number of four bytes, and that of eight bytes at an address.
load_byte = _loader(8, types.int64)
load_32 = _loader(32, types.int64)
load_64 = _loader(64, types.int64)
#: The same eight bytes, to be looked at bit by bit.
load_bits = _loader(64, types.uint64)
store_byte = _storer(8)
store_32 = _storer(32)
store_64 = _storer(64)
#: How many bits are set, and how many are not below the first that is (64 where none is).
count_ones = _counter("ctpop")
count_zeros = _counter("cttz")


def _marker(*tests: tuple[str, int]) -> Any:
    """Marks the bytes of a row that pass one of some comparisons: one bit each."""

    def mark(_context: Any, address: Any) -> Any:
        def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            row = builder.load(builder.inttoptr(arguments[0], _ROW.as_pointer()), align=1)
            others = [ir.Constant(_ROW, [ir.Constant(_BYTE, byte)] * MARKED) for _, byte in tests]
            found = [builder.icmp_unsigned(sign, row, other) for (sign, _), other in zip(tests, others, strict=True)]
            return builder.bitcast(functools.reduce(builder.or_, found), _WORD)

        return types.uint64(types.intp), generate

    return intrinsic(mark)


#: Which of 64 bytes can end a value: white space, controls, whatever is not ASCII, and ``% , : ; =``.
marks = _marker(("<", 33), (">", 126), *(("==", byte) for byte in b"%,:;="))
#: Which of 64 bytes end a column: TAB and LF.
column_ends = _marker(("==", 9), ("==", 10))
#: Which of 64 bytes are no digits.
other_than_digits = _marker(("<", 48), (">", 57))


def _place(builder: Any, arguments: Any) -> Any:
    address = builder.add(arguments[0], builder.shl(arguments[1], ir.Constant(_WORD, 3)))
    return builder.inttoptr(address, _WORD.as_pointer())


@intrinsic  # type: ignore[untyped-decorator]
def get(_context: Any, row: Any, place: Any) -> Any:
    """The number at a place of a row of 64-bit numbers, which is given by its address."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.load(_place(builder, arguments))

    return types.int64(types.intp, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]
def put(_context: Any, row: Any, place: Any, value: Any) -> Any:
    """Changes a number of a row."""

    def generate(target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _place(builder, arguments))
        return target.get_dummy_value()

    return types.void(types.intp, types.intp, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def add(_context: Any, row: Any, place: Any, value: Any) -> Any:
    """Adds to a number of a row."""

    def generate(target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        where = _place(builder, arguments)
        builder.store(builder.add(builder.load(where), arguments[2]), where)
        return target.get_dummy_value()

    return types.void(types.intp, types.intp, types.int64), generate
