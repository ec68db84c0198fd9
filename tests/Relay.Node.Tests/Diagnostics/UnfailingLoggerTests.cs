using Microsoft.Extensions.Logging;
using Relay.Node.Diagnostics;

namespace Relay.Node.Tests.Diagnostics;

public class UnfailingLoggerTests
{
    [Fact]
    public void Log_ProviderThrows_IsLost()
    {
        var asked = 0;
        var broken = new CallbackLog((_, _, _, _) =>
        {
            asked++;
            throw new AggregateException(new OutOfMemoryException());
        });
        Log.Defect(new UnfailingLogger(broken), new InvalidOperationException());
        Assert.Equal(1, asked);
    }

    [Fact]
    public void Log_ProviderWrites_IsPassedOn()
    {
        var written = 0;
        var logger = new CallbackLog((_, _, _, _) => written++, LogLevel.Information);
        Log.OutOfMemory(new UnfailingLogger(logger), 1, new OutOfMemoryException());
        Assert.Equal(1, written);
        Log.ConnectionEstablished(new UnfailingLogger(logger), 1);
        Assert.Equal(1, written); // below its level
    }
}
