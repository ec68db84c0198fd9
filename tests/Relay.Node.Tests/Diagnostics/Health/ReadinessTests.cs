using Relay.Node.Diagnostics.Health;

namespace Relay.Node.Tests.Diagnostics.Health;

public class ReadinessTests
{
    [Fact]
    public void Unmet_NoCondition_IsEmpty() => Assert.Empty(new Readiness().Unmet());

    [Fact]
    public void Unmet_Conditions_AreThoseThatFail()
    {
        var readiness = new Readiness();
        var lease = readiness.Register("lease", "no lease yet");
        var drain = readiness.Register("drain");
        Assert.Equal([new("lease", "no lease yet")], readiness.Unmet());
        lease.Meet();
        Assert.Empty(readiness.Unmet());
        drain.Fail("draining");
        lease.Fail("the lease ran out");
        Assert.Equal([new("lease", "the lease ran out"), new("drain", "draining")], readiness.Unmet());
    }

    [Fact]
    public void Register_NameThatIsTaken_Throws()
    {
        var readiness = new Readiness();
        readiness.Register("lease");
        Assert.Throws<ArgumentException>(() => readiness.Register("lease"));
    }
}
