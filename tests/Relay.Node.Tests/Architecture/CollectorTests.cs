using System.Text.Json;

namespace Relay.Node.Tests.Architecture;

/// <summary>
/// A collection stops every loop: for how long goes by how much may live of what was allocated since the one before, and by whether what is
/// old waits for it as well. Both are the runtime's to choose, by the machine's caches, where the program does not.
/// </summary>
public class CollectorTests
{
    [Fact]
    public void Program_HasItsCollectionsSmall_AndThoseOfWhatIsOldBesideTheLoops()
    {
        using var config = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "relay-node.runtimeconfig.json")));
        var properties = config.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
        Assert.InRange(properties.GetProperty("System.GC.Gen0MaxBudget").GetInt64(), 1 << 20, 4 << 20);
        Assert.True(properties.GetProperty("System.GC.Concurrent").GetBoolean());
    }
}
