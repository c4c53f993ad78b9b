"""Numbers that leave the finite ones, at once or by growing from pass to pass.

not_finite  the first cause of one
domains     where functions leave them
growth      a loss that grows
ascents     steps that go uphill
"""
