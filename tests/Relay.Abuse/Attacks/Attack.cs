namespace Relay.Abuse.Attacks;

/// <summary>One thing that a hostile client does.</summary>
/// <param name="name">As the command line names it.</param>
/// <param name="what">What it does, in a few words.</param>
internal abstract class Attack(string name, string what)
{
    public string Name => name;

    public string What => what;

    /// <summary>Does it until the time is over.</summary>
    public abstract void Run(Assault assault);
}
