namespace Appliance.Tests.Unit.Simulation;

/// <summary>A defect that is put into a shell on purpose: the simulation has to find it.</summary>
internal enum Mutation
{
    /// <summary>The product as it is.</summary>
    None,

    /// <summary>
    /// The product as it is, held to more than it keeps: a restarted gateway would have to know which nodes have missed copies
    /// and were not told of it.
    /// </summary>
    RemembersMissedCopies,

    /// <summary>The fence lets every replica pass, and a node speaks without a lease.</summary>
    OpenFence,

    /// <summary>A node obeys orders of older epochs.</summary>
    ObeysOlderEpochs,

    /// <summary>The gateway orders every epoch twice.</summary>
    ReusesEpochs,

    /// <summary>The gateway turns to a prepared node before that has spoken.</summary>
    CommitsUnheard,

    /// <summary>The gateway looks for silent nodes at its own leisure.</summary>
    OversleepsDeadlines,

    /// <summary>A gateway that lost its programs starts at epoch one.</summary>
    ForgetsEpochs,

    /// <summary>A gateway that inherits the programs of an earlier process goes on under the epoch in force.</summary>
    ResumesUnderTheSameEpoch,

    /// <summary>A gateway that inherits programs which decide nothing yet begins above their epoch, which is 0.</summary>
    TakesNoAssignmentForOne,

    /// <summary>A gateway orders epochs before its store has them reserved.</summary>
    OrdersBeforeItReserves,

    /// <summary>The gateway never forgets the latest instance of a node, however long the node is silent.</summary>
    NeverForgetsInstances,

    /// <summary>A node keeps its replicas when it has missed copies.</summary>
    KeepsHoles,

    /// <summary>A node that is no longer active keeps its voice.</summary>
    NeverLetsGo,
}
