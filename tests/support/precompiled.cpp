// Nothing: the target that owns the precompiled headers of the tests has to have a source.
