"""Commands that train without a screen: train, by sums and on several ranks too, and chart."""
