"""Tables as files for spreadsheets: CSV that is sent while it is made, and XLSX. Neither holds a formula.

A table says what is asked, and how the lines of the answer become cells (`figures`, `people`, `rooms`).
Every file ends with what it was made of: the filter, the moment and the positions of the feeds.
"""
