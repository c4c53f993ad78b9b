"""What the Graph tab can open, and opening it: lessons, scripts, recordings, live tensors.

lesson_list    what there is to choose from; `lesson_choice` and `source_prompt` choose
opener         opens one, and takes what the threads that record it post
opened         what is open, as one record
loader         records or reads it, in a thread; `replay_thread` its lines of one pass, again
growth         what there is of a recording while it grows
started_ahead  processes that are started before they are needed
"""
