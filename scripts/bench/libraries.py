"""Trains ALS of another library on a training set of `npm run bench -- quality`.

Argument: JSON with `library` (implicit or irspack), `folder`, `users`, `items`, `rank`, `regularization`, `alpha`, `iterations`,
`seed` and `threads`. The folder has the ratings by user: `pointers`, `itemIdx` (u32) and `ratings` (f32). Writes
`userFactors` and `itemFactors`, f32, row-major. Both minimise what ours does: a pair weighs 1, and alpha times its rating more
where it was observed.
"""

import json
import sys

import numpy
import scipy.sparse

options = json.loads(sys.argv[1])


def read(name, kind):
    return numpy.fromfile(f"{options['folder']}/{name}", dtype=kind)


def pairs(weights):
    indices, pointers = read("itemIdx", numpy.uint32), read("pointers", numpy.uint32)
    return scipy.sparse.csr_matrix(
        (weights.astype(numpy.float32), indices.astype(numpy.int32), pointers.astype(numpy.int32)),
        shape=(options["users"], options["items"]),
    )


def implicit():
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=options["rank"],
        regularization=options["regularization"],
        alpha=1.0,
        iterations=options["iterations"],
        num_threads=options["threads"],
        random_state=options["seed"],
    )
    model.fit(pairs(1 + options["alpha"] * read("ratings", numpy.float32)), show_progress=False)
    return model.user_factors, model.item_factors


def irspack():
    from irspack import IALSRecommender

    model = IALSRecommender(
        pairs(options["alpha"] * read("ratings", numpy.float32)),
        n_components=options["rank"],
        alpha0=1.0,
        reg=options["regularization"],
        nu=0.0,
        confidence_scaling="none",
        solver_type="CHOLESKY",
        loss_type="ORIGINAL",
        random_seed=options["seed"],
        n_threads=options["threads"],
        train_epochs=options["iterations"],
    )
    model.learn()
    return model.get_user_embedding(), model.get_item_embedding()


users, items = {"implicit": implicit, "irspack": irspack}[options["library"]]()
for name, factors, rows in (("userFactors", users, options["users"]), ("itemFactors", items, options["items"])):
    assert factors.shape == (rows, options["rank"]), f"{name} are {factors.shape}"
    numpy.ascontiguousarray(factors, dtype=numpy.float32).tofile(f"{options['folder']}/{name}")
