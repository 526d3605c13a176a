"""Where compiled kernels are kept: what was compiled of other sources is never used."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import numba
import pytest

from catalog import kernels


def kept_in(folder: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(kernels, "__file__", str(source / "__init__.py"))
    assert kernels._keep_compiled.__wrapped__()
    return Path(numba.config.CACHE_DIR)


def test_kernels_when_a_module_changes_then_are_kept_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "kernels"
    shutil.copytree(Path(kernels.__file__).parent, source, ignore=shutil.ignore_patterns("__pycache__"))
    first = kept_in(tmp_path / "kept", source, monkeypatch)
    assert kept_in(tmp_path / "kept", source, monkeypatch) == first
    (source / "vcf_state.py").write_text((source / "vcf_state.py").read_text() + "\n")
    second = kept_in(tmp_path / "kept", source, monkeypatch)
    assert second != first
    assert first.is_dir()
    os.utime(first, (time.time() - 90 * 86_400,) * 2)
    (source / "vcf_state.py").write_text("")
    kept_in(tmp_path / "kept", source, monkeypatch)
    assert not first.exists()
    assert second.is_dir()


def test_kernels_when_nothing_can_be_written_then_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    assert not kernels._keep_compiled.__wrapped__()
