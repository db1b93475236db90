"""What 2,048 lists of 1,536 floats cost by themselves, as numpy makes them: `lists_of_floats.py`.

Nothing is asked of a server and nothing is decoded. Prints the CPU of making and of freeing them.
"""

from __future__ import annotations

import time

import numpy

vectors = numpy.random.rand(2048, 1536).astype("float32")
for _ in range(5):
    began = time.process_time()
    lists = vectors.tolist()
    made = time.process_time()
    del lists
    freed = time.process_time()
    print(f"made in {(made - began) * 1e3:.0f} ms, freed in {(freed - made) * 1e3:.0f} ms")
