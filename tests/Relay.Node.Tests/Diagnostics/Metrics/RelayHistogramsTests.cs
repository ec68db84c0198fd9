using Relay.Node.Counters;

namespace Relay.Node.Tests.Diagnostics.Metrics;

[Collection(nameof(MeasuredAllocation))]
public class RelayHistogramsTests
{
    [Fact]
    public void Record_TheExporterListens_AllocatesNothing()
    {
        using var node = new WatchedNode();
        using var export = new ScrapedExport(node.Meter.Name);
        node.Fill();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0ul; i < 1000; i++)
            {
                node.Diagnostics.Histograms.OnHandshake(i * 1_000_000);
                node.Diagnostics.Histograms.OnTunnelOpened(udp: true, i * 1_000_000);
                node.Diagnostics.Histograms.OnTunnelEnded(udp: false, i * 1_000_000);
                node.Diagnostics.Histograms.OnPath(i * 1_000_000, i * 1000);
            }
        }));
        Assert.Equal(1000 * Allocations.Rounds + 1, export.Scrape().Values["relay_handshake_duration_seconds_count{}"]);
    }

    [Fact]
    public void Record_Off_DoesNothing()
    {
        RelayHistograms.Off.OnHandshake(1);
        RelayHistograms.Off.OnTunnelOpened(udp: true, 1);
        RelayHistograms.Off.OnTunnelEnded(udp: true, 1);
        RelayHistograms.Off.OnPath(1, 1);
    }
}
