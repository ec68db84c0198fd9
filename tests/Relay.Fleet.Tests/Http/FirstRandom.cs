namespace Relay.Fleet.Tests.Http;

/// <summary>Always chooses the first.</summary>
internal sealed class FirstRandom : Random
{
    public override int Next(int maxValue) => 0;
}
