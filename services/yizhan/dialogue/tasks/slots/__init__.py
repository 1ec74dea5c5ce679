"""What customers write, read as values: phone numbers, dates, addresses, choices. Pure functions, Chinese first.

Every reader takes the text, its rules and the ``Context`` and returns a ``Reading`` (see ``reading``); ``kinds.read``
picks the reader by its rules, ``filling.fill`` reads several slots out of one sentence. ``correction`` and ``cancel`` read what a
customer wants changed or stopped.
"""
