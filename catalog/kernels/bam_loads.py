"""Little-endian numbers at any place of a byte array: one machine instruction each, without checks of the place."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic


def _loader(bits: int, result: Any, *, is_signed: bool) -> Any:
    def load(_context: Any, array: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(bits).as_pointer())
            value = builder.load(address, align=1)
            if bits == 64:
                return value
            return (builder.sext if is_signed else builder.zext)(value, ir.IntType(64))

        return result(array, types.intp), generate

    return intrinsic(load)


#: The byte at a place.
load8 = _loader(8, types.int64, is_signed=False)
#: The signed number of four bytes at a place.
load32 = _loader(32, types.int64, is_signed=True)
#: The unsigned number of eight bytes at a place.
load64 = _loader(64, types.uint64, is_signed=False)
