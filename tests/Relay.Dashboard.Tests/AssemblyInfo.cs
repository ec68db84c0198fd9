// One browser at a time: the pages share the cores with whatever else is tested.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(Relay.Testing.Browser.Chromium))]
