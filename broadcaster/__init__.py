"""The processes: the web, the workers, the players. The only package with settings, sockets and clocks."""
