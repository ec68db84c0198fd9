using Microsoft.Playwright;
using Relay.Dashboard.Tests.Browser;
using Relay.Testing.Browser;

namespace Relay.Dashboard.Tests;

/// <summary>
/// Each view over grains: what it shows of them, as in <see cref="ViewTests"/> of the fleet in one process.
/// </summary>
public sealed class GrainViewTests(Chromium chromium, GrainSampleWorld sample) : IClassFixture<GrainSampleWorld>
{
    [Fact]
    public Task EveryView_OverGrains_IsWholeAndReadable() =>
        ViewTests.LookAtAllAsync(chromium, sample.World, ColorScheme.Light, 1440, "grains-light-desk");

    [Fact]
    public async Task Fleet_OverGrains_ShowsWhatMustNotBeOverlooked()
    {
        await using var page = await DashboardPage.OpenAsync(chromium, sample.World.Address);
        await ViewTests.SeesWarningsAsync(page);
    }
}
