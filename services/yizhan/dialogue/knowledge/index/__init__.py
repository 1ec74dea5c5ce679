"""The trained index of a release: how a question is compared with every phrasing, and what the comparison is worth.

``train`` learns it from the release's own phrasings; ``TrainedMatcher`` answers with it. A question's words,
word pairs, concepts, character pieces and sounds (``features``) are compared with those of every phrasing (``space``);
learned votes (``votes``) make the likeness to phrasings into scores of entries; what speaks for the best few
(``evidence``) is weighed (``weighing``) into their order and into the probability that the first one is right.
"""
