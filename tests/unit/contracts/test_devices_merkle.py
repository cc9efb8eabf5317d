"""Merkle trees against RFC 9162: its definition written down once more, and the known trees of certificate logs."""
from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moyai_contracts.api import merkle

# Contents of leaves and the roots over the first 0, 1, … 8 of them, as published with the certificate logs' software.
CONTENTS = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
TREES = st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


def tree(size: int) -> list[bytes]:
    """Leaf hashes of a tree of that size."""
    return [merkle.leaf_hash(f"reading {number}".encode()) for number in range(size)]


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, on leaf hashes: halves at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + defined_root(leaves[:half]) + defined_root(leaves[half:])).digest()


def defined_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162, 2.1.3.1, on leaf hashes."""
    if len(leaves) == 1:
        return []
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < half:
        return [*defined_path(index, leaves[:half]), defined_root(leaves[half:])]
    return [*defined_path(index - half, leaves[half:]), defined_root(leaves[:half])]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_known_roots(size: int) -> None:
    assert merkle.root([merkle.leaf_hash(content) for content in CONTENTS[:size]]).hex() == ROOTS[size]


@given(TREES)
def test_root_and_paths_are_those_of_the_definition(case: tuple[int, int]) -> None:
    size, index = case
    leaves = tree(size)
    assert merkle.root(leaves) == defined_root(leaves)
    assert merkle.inclusion_path(index, leaves) == defined_path(index, leaves)


@given(TREES)
def test_every_leaf_is_shown_to_be_in_its_tree_at_its_place(case: tuple[int, int]) -> None:
    size, index = case
    leaves = tree(size)
    path, root = merkle.inclusion_path(index, leaves), merkle.root(leaves)
    assert merkle.verify_inclusion(leaves[index], index, size, path, root)
    assert [place for place in range(-1, size + 1)
            if merkle.verify_inclusion(leaves[index], place, size, path, root)] == [index]


@given(TREES, st.data())
def test_nothing_else_is(case: tuple[int, int], data: st.DataObject) -> None:
    size, index = case
    leaves = tree(size)
    path, root = merkle.inclusion_path(index, leaves), merkle.root(leaves)
    other = merkle.leaf_hash(b"another")
    assert not merkle.verify_inclusion(other, index, size, path, root)
    assert not merkle.verify_inclusion(leaves[index], index, size, path, other)
    assert not merkle.verify_inclusion(leaves[index], index, size, [*path, other], root)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        assert not merkle.verify_inclusion(leaves[index], index, size, [*path[:place], *path[place + 1:]], root)
        changed = [*path[:place], other, *path[place + 1:]]
        assert not merkle.verify_inclusion(leaves[index], index, size, changed, root)


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_outside_the_tree_has_no_path(index: int) -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_path(index, tree(3))
