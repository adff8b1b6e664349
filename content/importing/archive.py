"""Zip files of XML from strangers: members are read up to a size, XML without entities, network or a DTD."""

import io
import zipfile
import zlib

from lxml import etree

from content.importing.errors import FileDamaged, FileLocked, FileTooHard

_MOST_MEMBERS = 10_000
_LARGEST_MEMBER = 48 << 20
_ENCRYPTED = 0x1


class Archive:
    """A zip file of which single members are read; nothing is ever unpacked to a disk."""

    def __init__(self, data: bytes) -> None:
        """Open it. Raises FileDamaged, FileTooHard."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
            raise FileDamaged from error
        if len(self._zip.infolist()) > _MOST_MEMBERS:
            raise FileTooHard

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def read(self, name: str) -> bytes:
        """A member's bytes. Raises FileDamaged, FileLocked, FileTooHard (it unpacks to more than 48 MiB)."""
        try:
            info = self._zip.getinfo(name)
            if info.flag_bits & _ENCRYPTED:
                raise FileLocked
            with self._zip.open(info) as member:
                # The size that the directory tells may be a lie: what counts is what comes out.
                unpacked = member.read(_LARGEST_MEMBER + 1)
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise FileDamaged from error
        if len(unpacked) > _LARGEST_MEMBER:
            raise FileTooHard
        return unpacked

    def xml(self, name: str) -> etree._Element:
        """The root of a member. Raises what `read` raises, and FileDamaged for XML with a DTD (no office makes one)."""
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(self.read(name), parser)
        except etree.XMLSyntaxError as error:
            raise FileDamaged from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise FileDamaged
        return root
