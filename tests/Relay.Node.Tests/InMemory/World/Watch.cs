namespace Relay.Node.Tests.InMemory.World;

/// <summary>Looks at something between turns.</summary>
internal sealed class Watch(Action look) : IActor
{
    public ulong Next => ulong.MaxValue;

    public bool Turn()
    {
        look();
        return false;
    }
}
