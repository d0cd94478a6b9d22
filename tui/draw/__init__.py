"""Drawings for a terminal that scrolls: values in, `rich` renderables out.

Every drawing says in a word or a sign what it also says in colour. Text that somebody else wrote goes through
`words.shown`, so that it can neither move the cursor nor be taken for markup.
"""
