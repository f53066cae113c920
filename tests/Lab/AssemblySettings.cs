using Microsoft.VisualStudio.TestTools.UnitTesting;

// Labs are real networks on this machine: one test at a time has it to itself.
[assembly: DoNotParallelize]
