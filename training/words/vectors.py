"""Where the word table begins: positive pointwise mutual information of neighbours, factorised.

What Levy and Goldberg (2014) showed word2vec to do implicitly, done outright in a minute: count pairs of
words at most four apart, damp the frequent context words (power 0.75), and keep the largest singular
directions (Halko et al. 2011), each word's vector scaled by the root of its direction's size.
"""

import numpy as np


def table(stream: np.ndarray, size: int, narrow: int, reach: int = 4, seed: int = 0) -> np.ndarray:
    """float32 [size,narrow] with standard deviation 0.2, from word numbers below `size`."""
    pairs = np.zeros(size * size, np.float32)
    at = stream.astype(np.int64) * size
    for distance in range(1, reach + 1):
        # Nearer counts more.
        for begin in range(0, len(stream) - distance, 1 << 20):
            end = min(begin + (1 << 20), len(stream) - distance)
            found, times = np.unique(at[begin:end] + stream[begin + distance : end + distance], return_counts=True)
            pairs[found] += times.astype(np.float32) / distance
    pairs = pairs.reshape(size, size)
    pairs += pairs.T.copy()
    words, contexts = pairs.sum(1), pairs.sum(0) ** 0.75
    contexts *= words.sum() / contexts.sum()
    pairs *= words.sum()
    pairs /= np.maximum(words, 1)[:, None]
    pairs /= np.maximum(contexts, 1)[None]
    np.log(pairs, out=pairs, where=pairs > 0)
    np.maximum(pairs, 0, out=pairs)
    dice = np.random.default_rng(seed)
    q = np.linalg.qr(pairs @ dice.standard_normal((size, narrow + 16), np.float32))[0]
    for _ in range(2):
        q = np.linalg.qr(pairs @ (pairs.T @ q))[0]
    u, s, _ = np.linalg.svd(q.T @ pairs, full_matrices=False)
    vectors = (q @ u)[:, :narrow] * s[:narrow] ** 0.5
    return (vectors * (0.2 / vectors.std())).astype(np.float32)


def beside(stream: np.ndarray, vectors: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How a neighbour speaks for a word, solved instead of learned: float32 [width,narrow], left and right.

    `seen` [size,width] is what the model makes of a word by itself. The answer is G where seen G vectors^T comes
    nearest to the pointwise mutual information of a word and the one right before (or after) it, by least squares
    with frequent words counting more.
    """
    size = len(vectors)
    pairs = np.zeros(size * size, np.float32)
    at = stream.astype(np.int64) * size
    for begin in range(0, len(stream) - 1, 1 << 20):
        end = min(begin + (1 << 20), len(stream) - 1)
        found, times = np.unique(at[begin:end] + stream[begin + 1 : end + 1], return_counts=True)
        pairs[found] += times
    pairs = pairs.reshape(size, size)
    single = np.maximum(np.bincount(stream, minlength=size), 1).astype(np.float32)
    pairs -= 0.5
    pairs *= len(stream)
    pairs /= single[:, None]
    pairs /= single[None]
    np.log(np.maximum(pairs, 1, out=pairs), out=pairs)
    rows, columns = single[:, None] ** 0.75, single[:, None] ** 0.5
    inverse = np.linalg.inv(vectors.T @ (columns * vectors) + 1e-3 * np.eye(vectors.shape[1]) * columns.sum())
    ridge = seen.T @ (rows * seen) + 1e-3 * np.eye(seen.shape[1]) * rows.sum()
    weighted, told = rows * seen, columns * vectors
    left, right = (np.linalg.solve(ridge, weighted.T @ (m @ told)) @ inverse for m in (pairs, pairs.T))
    return left.astype(np.float32), right.astype(np.float32)
