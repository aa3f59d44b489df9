# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The event store of eskit as its clients call it: names, messages and nothing of ours."""

import grpc
from common import originator_pb2
from eventstore import event_pb2, service_pb2

SERVICE = "/contracts.eventstore.EventstoreService/"


class EventStore:
    """Stub of contracts.eventstore.EventstoreService."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(
            address, options=[("grpc.max_receive_message_length", 64 << 20)])
        unary = self.channel.unary_unary
        self.Healtz = unary(SERVICE + "Healtz",
                            service_pb2.HealthRequest.SerializeToString,
                            service_pb2.HealthResponse.FromString)
        self.Append = unary(SERVICE + "Append",
                            service_pb2.AppendEventRequest.SerializeToString,
                            service_pb2.AppendEventResponse.FromString)
        self.GetEvents = unary(SERVICE + "GetEvents",
                               service_pb2.GetEventsRequest.SerializeToString,
                               service_pb2.GetEventsResponse.FromString)
        self.Logs = unary(SERVICE + "Logs",
                          service_pb2.AppLogRequest.SerializeToString,
                          service_pb2.AppLogResponse.FromString)
        self.LogsPoll = self.channel.unary_stream(
            SERVICE + "LogsPoll",
            service_pb2.AppLogRequest.SerializeToString,
            event_pb2.AppLogEntry.FromString)

    def close(self):
        self.channel.close()

    def append(self, id, version, event_type, payload="{}", occured_on=0, timeout=30):
        event = make_event(id, version, event_type, payload, occured_on)
        return self.Append(service_pb2.AppendEventRequest(event=event), timeout=timeout)

    def events(self, id, version="", entity_type=""):
        request = service_pb2.GetEventsRequest(
            originator=originator_pb2.Originator(id=id, version=version), entity_type=entity_type)
        return list(self.GetEvents(request, timeout=30).events)

    def logs(self, from_id="", size=0, selector="", pipeline_id=""):
        return list(self.Logs(log_request(from_id, size, selector, pipeline_id),
                              timeout=30).results)

    def poll(self, from_id="", size=0, selector="", pipeline_id="", timeout=60):
        return self.LogsPoll(log_request(from_id, size, selector, pipeline_id), timeout=timeout)


def make_event(id, version, event_type, payload="{}", occured_on=0):
    return event_pb2.Event(
        originator=originator_pb2.Originator(id=id, version=version), event_type=event_type,
        payload=payload, occured_on=occured_on)


def log_request(from_id, size, selector, pipeline_id):
    return service_pb2.AppLogRequest(
        from_id=from_id, size=size, selector=selector, pipeline_id=pipeline_id)
