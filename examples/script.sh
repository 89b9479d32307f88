#!/bin/sh
#ARTEL --name dice --array 1-6%2
#ARTEL --retries 1 --timeout 1m
# Six throws of a die, two at a time: artel run examples/script.sh
echo "throw $ARTEL_TASK_INDEX of job $ARTEL_JOB_ID: $(( (ARTEL_TASK_INDEX * 7919 + 13) % 6 + 1 ))"
