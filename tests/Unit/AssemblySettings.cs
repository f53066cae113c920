using Microsoft.VisualStudio.TestTools.UnitTesting;

// Test methods take helpers of tests/Support, which are internal types.
[assembly: DiscoverInternals]
