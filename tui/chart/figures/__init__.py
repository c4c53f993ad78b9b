"""Every chart is a function from a `Scene` (what is known) and a `View` (how to look) to a picture.

    picture(Chart.LOSS, Scene(run, points, theory), View(width=80, height=24))

The way there: a chart (fit, loss, params, surface, residuals) makes a `Plot` of curves in data
units on `axes` that stand still; `frame` gives it title, legend and ticks; `strokes` thins, clips
and dashes the curves; `canvas`, which alone knows plotext, turns them into cells.
"""
