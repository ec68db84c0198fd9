#if FLEET
using Microsoft.Playwright;
using Relay.Dashboard.Tests.Browser;

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
        var banners = page.Page.Locator("#banners");
        await DashboardPage.SeesAsync(
            banners, "Open relay. Anybody who reaches it can send traffic through edge-lon-1");
        await DashboardPage.SeesAsync(banners, "there is no high availability");
        await page.SeesAsync("edge-syd-1 has not been heard of since");
        await page.SeesAsync("its certificate expires in 6 days");
    }
}
#endif
