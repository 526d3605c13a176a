"""Little-endian numbers at any place of a byte array: one machine instruction each, without checks of the place."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
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

_BYTE, _PAIR, _WORD = ir.IntType(8), ir.IntType(16), ir.IntType(64)
#: How many bytes :data:`count_row` takes.
ROW_BYTES = 64
_ROW, _PAIRS = ir.VectorType(_BYTE, ROW_BYTES), ir.VectorType(_PAIR, ROW_BYTES)
#: From which scores a base is good, and a score is none.
GOOD_SCORE, BAD_SCORE = 30, 94
#: Where the counts of a row stand in its one number.
GOOD_AT, BAD_AT = 16, 32


@intrinsic  # type: ignore[untyped-decorator]
def count_row(_context: Any, array: Any, place: Any, kept: Any) -> Any:
    """Of 64 bytes at a place those that are kept (a bit each): their sum, how many are good, how many bad.

    Three numbers in one: the sum, and from the bits :data:`GOOD_AT` and :data:`BAD_AT` on the others.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), _ROW.as_pointer())
        keep = builder.bitcast(arguments[2], ir.VectorType(ir.IntType(1), ROW_BYTES))
        row = builder.select(
            keep, builder.load(address, align=1), ir.Constant(_ROW, [ir.Constant(_BYTE, 0)] * ROW_BYTES)
        )
        sum_of = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(_PAIR, [_PAIRS]), f"llvm.vector.reduce.add.v{ROW_BYTES}i16"
        )
        found = builder.zext(builder.call(sum_of, [builder.zext(row, _PAIRS)]), _WORD)
        for bound, shift in ((GOOD_SCORE, GOOD_AT), (BAD_SCORE, BAD_AT)):
            least = ir.Constant(_ROW, [ir.Constant(_BYTE, bound)] * ROW_BYTES)
            count = builder.ctpop(builder.bitcast(builder.icmp_unsigned(">=", row, least), _WORD))
            found = builder.or_(found, builder.shl(count, ir.Constant(_WORD, shift)))
        return found

    return types.uint64(array, types.intp, types.uint64), generate
