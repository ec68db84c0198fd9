namespace Relay.Abuse.Attacks;

/// <summary>One thing that a hostile client does.</summary>
/// <param name="name">As the command line names it.</param>
/// <param name="what">What it does, in a few words.</param>
internal abstract class Attack(string name, string what)
{
    public string Name => name;

    public string What => what;

    /// <summary>KiB of <c>--max-tunnels-per-connection</c> requests that are not over, 8 KiB each, and of what any connection may have.</summary>
    protected const int ManyRequests = (4096 * 8) + (4 * 1024);

    /// <summary>
    /// KiB that each of its connections may have the relay hold, by docs/hardening.md. What any may: the connection itself, its packets
    /// that wait, requests and their targets' sockets, windows of 16 KiB.
    /// </summary>
    public virtual int Bound => 4 * 1024;

    /// <summary>Connections that the relay holds at a time, of an attack with so many.</summary>
    public virtual int HeldOf(int connections) => connections;

    /// <summary>Does it until the time is over.</summary>
    public abstract void Run(Assault assault);
}
