using Microsoft.VisualStudio.TestTools.UnitTesting;

// Test methods take helpers of tests/Support, which are internal types.
[assembly: DiscoverInternals]

// Decisions on values: classes share nothing.
[assembly: Parallelize(Scope = ExecutionScope.ClassLevel)]
