[assembly: Trait("Needs", "Browser")]
[assembly: AssemblyFixture(typeof(Relay.Dashboard.Tests.Browser.Chromium))]
