namespace Relay.Node.Io;

/// <summary>Whose a piece of a loop's turn is: a client's connection, or a tunnel.</summary>
internal interface ITurnOwner
{
    /// <summary>
    /// Something threw in its turn, a defect of the relay or for want of memory: it is reported and costs its owner, whose state nobody
    /// understands any more, and nobody else. Throws nothing: that would be a defect of the loop's own.
    /// </summary>
    void OnDefect(Exception exception);
}

/// <summary>A piece of a loop's turns.</summary>
internal interface IOwned
{
    /// <summary>Whose it is; null where it is the loop's own, which ends the process if it fails.</summary>
    ITurnOwner? Owner { get; }
}
