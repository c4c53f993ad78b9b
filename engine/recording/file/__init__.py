"""The file that a recording is kept in: written once, read at random, also while it grows.

frames         the file: its format, and what can be wrong with it
frame_writer   the process that appends to it
frame_reader   reading it, also while it grows or where it is damaged
codec          records as bytes and back; `codec_format`, `codec_encoder`, `codec_decoder` and
               `record_types` are its parts
run_file       a recording while it is written: which frames it is made of
run_reader     reading it at random, what is looked at decoded when it is looked at
run_parts      where its lines are, and those decoded last
lazy_sequence  a sequence whose items are made when they are asked for
"""
