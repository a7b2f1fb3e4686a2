# The programs. `clipig` is small and knows no torch: it checks configurations, prints documentation, and starts
# `clipig-engine` for everything that needs a model or a tensor.
