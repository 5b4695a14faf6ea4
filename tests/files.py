# SPDX-License-Identifier: Apache-2.0
"""Files of the trees that tests make."""
import os


def write(root, path, data, mode=0o644):
    """A file below the root, with the folders on its way; text or bytes, which it gives back."""
    full = os.path.join(root, path.lstrip("/"))
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    os.chmod(full, mode)
    return data
