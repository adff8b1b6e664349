"""How much time and memory reading one document may take."""

from content.kernel.children import Limits

SECONDS = 20
LIMITS = Limits(cpu_seconds=SECONDS, memory_bytes=1 << 30)
