using Microsoft.VisualStudio.TestTools.UnitTesting;

// Test methods take fixtures, which are internal types.
[assembly: DiscoverInternals]
