from broadcaster.player.local.network import Network, networks

WIRELESS = """\
Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan9: 0000   35.  -75.  -256        0      0      0      0      0        0
"""


def test_networks_are_read_from_the_kernels_files(tmp_path):
    """What is up is listed with its signal; the loopback and what is down are not."""
    for name, state in (("lo", "unknown"), ("wlan9", "up"), ("eth9", "down")):
        (tmp_path / "net" / name).mkdir(parents=True)
        (tmp_path / "net" / name / "operstate").write_text(f"{state}\n")
    (tmp_path / "wireless").write_text(WIRELESS)
    assert networks(tmp_path / "net", tmp_path / "wireless") == [Network("wlan9", None, 50, -75)]


def test_without_such_files_there_are_no_networks(tmp_path):
    """Elsewhere than on Linux the page shows none."""
    assert networks(tmp_path / "none", tmp_path / "none") == []
